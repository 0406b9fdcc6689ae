// The official clients for Go, and a validator, against the emulator.
package main

func main() {
	w := readWorld()
	msalCases(w)
	azureCases(w)
	validatorCases(w)
	runAll()
}
