import LoadfleetCLI

await Loadfleet.enter()
