# RENHE_VERSION: from git where this is a checkout, from the file VERSION in an unpacked archive.
set(RENHE_VERSION "unknown")
find_package(Git QUIET)
if(GIT_FOUND AND EXISTS ${CMAKE_SOURCE_DIR}/.git)
	execute_process(COMMAND ${GIT_EXECUTABLE} describe --tags --always --dirty
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE RENHE_VERSION
		OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
	# A commit makes CMake run again; only health.c knows the version.
	if(EXISTS ${CMAKE_SOURCE_DIR}/.git/logs/HEAD)
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/.git/logs/HEAD)
	endif()
elseif(EXISTS ${CMAKE_SOURCE_DIR}/VERSION)
	file(STRINGS VERSION RENHE_VERSION LIMIT_COUNT 1)
endif()
