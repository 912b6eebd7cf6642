-- wrk: one path with the bearers of a file in turn.
local made, at = {}, 0

function init(args)
	for line in io.lines(args[1]) do
		wrk.headers["Authorization"] = "Bearer " .. line
		made[#made + 1] = wrk.format("GET")
	end
end

function request()
	at = at % #made + 1
	return made[at]
end
