// The emulator that the clients meet.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

type world struct {
	Base         string `json:"base"`
	Keys         string `json:"keys"`
	Tenant       string `json:"tenant"`
	PublicClient string `json:"public_client"`
	Alice        struct{ Oid, Upn string }
	API          struct{ ID, URI, Secret, Scope, Short string } `json:"api"`
	Orders       struct{ ID, Scope, Short, Default, Role string }
	Reports      struct{ Scope string }
	Payroll      struct{ Scope string }
	Daemon       struct{ ID, Secret, Scope, Role string }
	Identity     struct{ System, Worker, Endpoint, Header string }
	Assertions   map[string]string
}

func (w world) authority() string { return w.Base + "/" + w.Tenant }

func (w world) file(name string) []byte {
	bytes, err := os.ReadFile(filepath.Join(w.Keys, name))
	if err != nil {
		panic(err)
	}
	return bytes
}

func readWorld() world {
	bytes, err := os.ReadFile(os.Getenv("ENTRA_WORLD"))
	if err != nil {
		panic(err)
	}
	var read world
	if err := json.Unmarshal(bytes, &read); err != nil {
		panic(err)
	}
	return read
}
