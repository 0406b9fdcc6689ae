// Runs cases and prints one line for each.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

type oneCase struct {
	name string
	run  func() error
}

var cases []oneCase

// test registers the case of a client and a flow.
func test(client, flow string, run func() error) {
	cases = append(cases, oneCase{client + ": " + flow, run})
}

// refused registers a case whose call must fail with this AADSTS number, as the client reports it.
func refused(client, flow string, code int, call func() error) {
	test(client, fmt.Sprintf("%s (%d)", flow, code), func() error {
		err := call()
		if err == nil {
			return fmt.Errorf("it was not refused")
		}
		if seen := codeIn(err.Error()); seen != code {
			return fmt.Errorf("reported %d, not %d: %v", seen, code, err)
		}
		return nil
	})
}

var number = regexp.MustCompile(`AADSTS(\d+)`)

func codeIn(text string) int {
	found := number.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	code, _ := strconv.Atoi(found[1])
	return code
}

// claims reads the claims of a token, not verified.
func claims(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	bytes, err := base64.RawURLEncoding.DecodeString(parts[1])
	var read map[string]any
	if err != nil || json.Unmarshal(bytes, &read) != nil {
		return nil
	}
	return read
}

func equal(seen, expected any) error {
	if seen != expected {
		return fmt.Errorf("%v is not %v", seen, expected)
	}
	return nil
}

func runAll() {
	failed := 0
	for _, one := range cases {
		if err := one.run(); err != nil {
			failed++
			fmt.Printf("FAILED %s\n", one.name)
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		fmt.Printf("ok %s\n", one.name)
	}
	fmt.Printf("ran %d\n", len(cases))
	if failed > 0 {
		os.Exit(1)
	}
}
