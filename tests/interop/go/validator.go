// golang-jwt with keyfunc: a validator that shares no code with the emulator.
package main

import (
	"fmt"
	"strings"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const validator = "golang-jwt"

func validatorCases(w world) {
	validate := func(token string) error {
		keys, err := keyfunc.NewDefault([]string{w.authority() + "/discovery/v2.0/keys"})
		if err != nil {
			return err
		}
		_, err = jwt.Parse(token, keys.Keyfunc,
			jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(),
			jwt.WithIssuer(w.authority()+"/v2.0"), jwt.WithAudience(w.API.ID))
		return err
	}
	test(validator, "a user's token", func() error { return validate(w.Assertions["right"]) })
	test(validator, "an application's token", func() error { return validate(w.Assertions["app_only"]) })
	for name, reason := range map[string]string{
		"expired":          "expired",
		"foreign_audience": "audience",
		"foreign_issuer":   "issuer",
		"wrong_signature":  "signature",
		"unknown_key":      "key",
	} {
		test(validator, "refused: "+name, func() error {
			err := validate(w.Assertions[name])
			if err == nil {
				return fmt.Errorf("it was accepted")
			}
			if !strings.Contains(err.Error(), reason) {
				return fmt.Errorf("%q does not say %q", err, reason)
			}
			return nil
		})
	}
}
