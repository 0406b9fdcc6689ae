// Go: a local Entra ID for a test. `entra-emulator` is on the PATH.
package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
)

func TestToken(t *testing.T) {
	command := exec.Command("entra-emulator", "--port", "0", "--json")
	out, err := command.StdoutPipe()
	if err != nil || command.Start() != nil {
		t.Fatal("it did not start")
	}
	defer command.Process.Signal(os.Interrupt)
	var entra, answer map[string]any
	if err := json.NewDecoder(out).Decode(&entra); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c0de0000-da30-4000-8000-0000000000d1"},
		"client_secret": {"demo-secret-of-the-daemon"}, "scope": {"api://c0de0000-a4b1-4000-8000-0000000000a1/.default"}}
	token, err := http.PostForm(entra["base_url"].(string)+"/"+entra["tenant"].(string)+"/oauth2/v2.0/token", form)
	if err != nil || json.NewDecoder(token.Body).Decode(&answer) != nil || answer["token_type"] != "Bearer" {
		t.Fatal(err, answer)
	}
}
