"""The generator of Renhe: reads the contract (proto/renhe) and the named SQL, writes build/gen."""
