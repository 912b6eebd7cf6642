# build/gen: what comes from proto/ and from .sql files. Target `contract` holds the tables and
# messages of every package; routes, queries and migrations belong to the program of their service.

# Our headers are found by "x.h" only: the chassis has a csv.h, and so has libcsv.
function(renhe_include target folder)
	get_filename_component(folder ${folder} ABSOLUTE)
	target_compile_options(${target} PUBLIC "SHELL:-iquote ${folder}")
endfunction()

set(RENHE_GEN ${CMAKE_BINARY_DIR}/gen)
set(gen ${CMAKE_SOURCE_DIR}/proto/gen)
file(MAKE_DIRECTORY ${RENHE_GEN})

file(GLOB_RECURSE protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/renhe/*.proto)
file(GLOB generator CONFIGURE_DEPENDS ${gen}/renhegen/*.py)
list(APPEND generator ${gen}/generate ${gen}/protoc-gen-renhe ${gen}/strip)

# What the generator will write follows from the names of the files alone.
set(tables contract.gen.h contract.gen.c gateway.gen.h gateway.gen.c openapi.json asyncapi.json topics.json policy.json
	index.json contract.json)
set(contract_sources ${RENHE_GEN}/contract.gen.c)
set(packages renhe)
foreach(proto IN LISTS protos)
	file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/proto/renhe ${proto})
	string(REGEX REPLACE "\\.proto$" "" stem ${path})
	if(stem MATCHES "/")
		get_filename_component(package ${stem} DIRECTORY)
		list(APPEND packages ${package})
	elseif(stem MATCHES "^(options|policy|topics|faults)$")
		continue() # protoc-c never sees these
	else()
		set(stem renhe/${stem})
	endif()
	list(APPEND tables ${stem}.pb-c.h ${stem}.pb-c.c)
endforeach()
list(REMOVE_DUPLICATES packages)
foreach(package IN LISTS packages)
	list(APPEND tables ${package}.gen.h ${package}_contract.gen.c)
	list(APPEND contract_sources ${RENHE_GEN}/${package}_contract.gen.c)
	# Only packages with routes have them.
	file(GLOB package_protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/renhe/${package}/*.proto)
	foreach(proto IN LISTS package_protos)
		file(STRINGS ${proto} services REGEX "^service ")
		if(services)
			list(APPEND tables ${package}.gen.c)
		endif()
	endforeach()
endforeach()
list(REMOVE_DUPLICATES tables)
list(TRANSFORM tables PREPEND ${RENHE_GEN}/)

add_custom_command(OUTPUT ${tables}
	COMMAND ${gen}/generate ${CMAKE_SOURCE_DIR}/proto ${RENHE_GEN}
	DEPENDS ${protos} ${generator}
	COMMENT "Contract: proto/ -> gen/" VERBATIM)
add_custom_target(generated DEPENDS ${tables})

add_library(contract STATIC ${contract_sources})
add_dependencies(contract generated)
renhe_include(contract ${RENHE_GEN})
renhe_include(contract ${CMAKE_SOURCE_DIR}/services/chassis)
target_compile_options(contract PRIVATE -Wall -Wextra -Werror)
target_link_libraries(contract PUBLIC PkgConfig::LIBS)

# renhe_queries(package linked...): package_sql.c and .h of services/package/sql; its QUERIES_ list
# also names the queries of the linked modules.
function(renhe_queries package)
	set(folder ${CMAKE_SOURCE_DIR}/services/${package}/sql)
	file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.sql)
	set(links "")
	foreach(module IN LISTS ARGN)
		if(module)
			list(APPEND links --link ${module}=${CMAKE_SOURCE_DIR}/services/${module}/sql)
			file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/services/${module}/sql/*.sql)
			list(APPEND sources ${more})
		endif()
	endforeach()
	add_custom_command(OUTPUT ${RENHE_GEN}/${package}_sql.c ${RENHE_GEN}/${package}_sql.h
		COMMAND ${gen}/sqlgen queries --index ${RENHE_GEN}/index.json --out ${RENHE_GEN} --package ${package}
			${links} --sql ${folder}
		DEPENDS ${sources} ${RENHE_GEN}/index.json ${gen}/sqlgen ${gen}/renhegen/sql.py ${gen}/renhegen/names.py
		COMMENT "Queries of ${package}" VERBATIM)
endfunction()

# renhe_texts(package folder linked...): package_texts.c and .h of the catalogues and tables of words in
# folder/texts; no key may be one of a linked folder's.
function(renhe_texts package folder)
	file(GLOB sources CONFIGURE_DEPENDS ${folder}/texts/*.txt ${folder}/texts/*.tsv ${folder}/*.c ${folder}/*.h)
	set(links "")
	foreach(linked IN LISTS ARGN)
		list(APPEND links --link ${linked})
		file(GLOB more CONFIGURE_DEPENDS ${linked}/texts/*.txt)
		list(APPEND sources ${more})
	endforeach()
	add_custom_command(OUTPUT ${RENHE_GEN}/${package}_texts.c ${RENHE_GEN}/${package}_texts.h
		COMMAND ${gen}/textgen --out ${RENHE_GEN} --package ${package} --folder ${folder} ${links}
		DEPENDS ${sources} ${gen}/textgen ${gen}/renhegen/names.py
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
		COMMENT "Texts of ${package}" VERBATIM)
endfunction()

# renhe_law_packs(folder): law_packs.c of the folder's packs.
function(renhe_law_packs folder)
	file(GLOB packs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.tsv)
	add_custom_command(OUTPUT ${RENHE_GEN}/law_packs.c
		COMMAND ${gen}/lawgen --out ${RENHE_GEN} ${packs}
		DEPENDS ${packs} ${gen}/lawgen ${gen}/renhegen/names.py
		COMMENT "Law packs" VERBATIM)
endfunction()

# renhe_migrations(package room...): package_migrations.c and .h of the rooms' migrations, in order.
function(renhe_migrations package)
	set(rooms "")
	set(sources "")
	foreach(room IN LISTS ARGN)
		set(folder ${CMAKE_SOURCE_DIR}/services/${room}/migrations)
		file(GLOB more CONFIGURE_DEPENDS ${folder}/*.sql)
		list(APPEND sources ${more})
		list(APPEND rooms ${room}=${folder})
	endforeach()
	# Their names: one that is gone is no newer file, but something else all the same.
	file(CONFIGURE OUTPUT ${RENHE_GEN}/${package}_migrations.txt CONTENT "${sources}" @ONLY)
	add_custom_command(OUTPUT ${RENHE_GEN}/${package}_migrations.c ${RENHE_GEN}/${package}_migrations.h
		COMMAND ${gen}/sqlgen migrations --out ${RENHE_GEN} --package ${package} ${rooms}
		DEPENDS ${sources} ${RENHE_GEN}/${package}_migrations.txt ${gen}/sqlgen ${gen}/renhegen/names.py
		COMMENT "Migrations of ${package}" VERBATIM)
endfunction()
