-- wrk: changes the records of a file in turn, with a bearer; each change is a new one.
local paths, at, n = {}, 0, 0

function init(args)
	for line in io.lines(args[1]) do
		paths[#paths + 1] = line
	end
	for line in io.lines(args[2]) do
		wrk.headers["Authorization"] = "Bearer " .. line
	end
	wrk.headers["Content-Type"] = "application/merge-patch+json"
	wrk.headers["If-Match"] = "*"
end

function request()
	at = at % #paths + 1
	n = n + 1
	return wrk.format("PATCH", paths[at], nil, string.format('{"email":"n%d@example.com"}', n))
end
