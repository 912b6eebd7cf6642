-- wrk: the same body to the paths of a file in turn, with a bearer.
local paths, at, body = {}, 0, ""

function init(args)
	for line in io.lines(args[1]) do
		paths[#paths + 1] = line
	end
	for line in io.lines(args[2]) do
		wrk.headers["Authorization"] = "Bearer " .. line
	end
	for line in io.lines(args[3]) do
		body = line
	end
	wrk.headers["Content-Type"] = "application/json"
end

function request()
	at = at % #paths + 1
	return wrk.format("POST", paths[at], nil, body)
end
