// MSAL Go: secrets, certificates, on-behalf-of, the cache.
package main

import (
	"context"
	"fmt"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

const msal = "msal-go"

func (w world) msalClient(id string, credential confidential.Credential) (confidential.Client, error) {
	return confidential.New(w.authority(), id, credential, confidential.WithInstanceDiscovery(false))
}

func (w world) msalSecret(id, secret string) (confidential.Client, error) {
	credential, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		return confidential.Client{}, err
	}
	return w.msalClient(id, credential)
}

func (w world) msalCertificate(name string) (confidential.Client, error) {
	pem := append(w.file(name+".cert.pem"), w.file(name+".key.pem")...)
	certificates, key, err := confidential.CertFromPEM(pem, "")
	if err != nil {
		return confidential.Client{}, err
	}
	credential, err := confidential.NewCredFromCert(certificates, key)
	if err != nil {
		return confidential.Client{}, err
	}
	return w.msalClient(w.API.ID, credential)
}

func (w world) appToken(client confidential.Client, err error, scope string) (string, error) {
	if err != nil {
		return "", err
	}
	result, err := client.AcquireTokenByCredential(context.Background(), []string{scope})
	return result.AccessToken, err
}

func (w world) onBehalfOf(assertion, scope string) (string, error) {
	client, err := w.msalSecret(w.API.ID, w.API.Secret)
	if err != nil {
		return "", err
	}
	result, err := client.AcquireTokenOnBehalfOf(context.Background(), assertion, []string{scope})
	return result.AccessToken, err
}

func msalCases(w world) {
	test(msal, "client credentials, secret", func() error {
		client, err := w.msalSecret(w.Daemon.ID, w.Daemon.Secret)
		token, err := w.appToken(client, err, w.Daemon.Scope)
		if err != nil {
			return err
		}
		return equal(fmt.Sprint(claims(token)["roles"]), "["+w.Daemon.Role+"]")
	})
	test(msal, "client credentials, certificate", func() error {
		client, err := w.msalCertificate("test-only-client")
		token, err := w.appToken(client, err, w.Orders.Default)
		if err != nil {
			return err
		}
		return equal(claims(token)["azpacr"], "2")
	})
	test(msal, "the second call is answered from the cache", func() error {
		client, err := w.msalSecret(w.Daemon.ID, w.Daemon.Secret)
		first, err := w.appToken(client, err, w.Daemon.Scope)
		if err != nil {
			return err
		}
		again, err := client.AcquireTokenByCredential(context.Background(), []string{w.Daemon.Scope})
		if err != nil {
			return err
		}
		return equal(again.AccessToken, first)
	})
	test(msal, "on-behalf-of", func() error {
		token, err := w.onBehalfOf(w.Assertions["right"], w.Orders.Scope)
		if err != nil {
			return err
		}
		if err := equal(claims(token)["oid"], w.Alice.Oid); err != nil {
			return err
		}
		return equal(claims(token)["scp"], w.Orders.Short)
	})
	obo := func(flow string, code int, assertion, scope string) {
		refused(msal, "on-behalf-of refused: "+flow, code, func() error {
			_, err := w.onBehalfOf(assertion, scope)
			return err
		})
	}
	obo("expired", 500133, w.Assertions["expired"], w.Orders.Scope)
	obo("foreign audience", 500131, w.Assertions["foreign_audience"], w.Orders.Scope)
	obo("wrong signature", 50013, w.Assertions["wrong_signature"], w.Orders.Scope)
	obo("no user", 7000114, w.Assertions["app_only"], w.Orders.Scope)
	obo("no consent", 65001, w.Assertions["right"], w.Payroll.Scope)
	obo("a policy", 50076, w.Assertions["right"], w.Reports.Scope)
	refused(msal, "client credentials refused: wrong secret", 7000215, func() error {
		client, err := w.msalSecret(w.Daemon.ID, "wrong")
		_, err = w.appToken(client, err, w.Daemon.Scope)
		return err
	})
	refused(msal, "client credentials refused: expired secret", 7000222, func() error {
		client, err := w.msalSecret(w.API.ID, "expired-secret")
		_, err = w.appToken(client, err, w.Orders.Default)
		return err
	})
	refused(msal, "client credentials refused: a stranger's certificate", 700027, func() error {
		client, err := w.msalCertificate("test-only-stranger")
		_, err = w.appToken(client, err, w.Orders.Default)
		return err
	})
	refused(msal, "client credentials refused: unknown client", 700016, func() error {
		client, err := w.msalSecret("c0de0000-0000-4000-8000-0000000000ff", "x")
		_, err = w.appToken(client, err, w.Daemon.Scope)
		return err
	})
}
