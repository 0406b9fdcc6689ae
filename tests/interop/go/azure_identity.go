// azidentity: credentials of the Azure SDK for Go.
package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const azure = "azidentity"

func (w world) options() azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: w.Base},
		Retry: policy.RetryOptions{MaxRetries: -1},
	}
}

func tokenOf(credential azcore.TokenCredential, err error, scope string) (string, error) {
	if err != nil {
		return "", err
	}
	token, err := credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{scope}})
	return token.Token, err
}

func (w world) secretCredential(id, secret string) (azcore.TokenCredential, error) {
	return azidentity.NewClientSecretCredential(w.Tenant, id, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: w.options(), DisableInstanceDiscovery: true,
	})
}

func (w world) certificateCredential(name string) (azcore.TokenCredential, error) {
	pem := append(w.file(name+".cert.pem"), w.file(name+".key.pem")...)
	var certificates []*x509.Certificate
	var key crypto.PrivateKey
	certificates, key, err := azidentity.ParseCertificates(pem, nil)
	if err != nil {
		return nil, err
	}
	return azidentity.NewClientCertificateCredential(w.Tenant, w.API.ID, certificates, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
}

func (w world) oboCredential(assertion string) (azcore.TokenCredential, error) {
	return azidentity.NewOnBehalfOfCredentialWithSecret(w.Tenant, w.API.ID, assertion, w.API.Secret,
		&azidentity.OnBehalfOfCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
}

func azureCases(w world) {
	test(azure, "ClientSecretCredential", func() error {
		credential, err := w.secretCredential(w.Daemon.ID, w.Daemon.Secret)
		token, err := tokenOf(credential, err, w.Daemon.Scope)
		if err != nil {
			return err
		}
		return equal(fmt.Sprint(claims(token)["roles"]), "["+w.Daemon.Role+"]")
	})
	test(azure, "ClientCertificateCredential", func() error {
		credential, err := w.certificateCredential("test-only-client")
		token, err := tokenOf(credential, err, w.Orders.Default)
		if err != nil {
			return err
		}
		return equal(claims(token)["azpacr"], "2")
	})
	test(azure, "OnBehalfOfCredential", func() error {
		credential, err := w.oboCredential(w.Assertions["right"])
		token, err := tokenOf(credential, err, w.Orders.Scope)
		if err != nil {
			return err
		}
		return equal(claims(token)["oid"], w.Alice.Oid)
	})
	test(azure, "ManagedIdentityCredential, App Service", func() error {
		credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
			ID: azidentity.ClientID(w.Identity.Worker),
		})
		token, err := tokenOf(credential, err, w.Daemon.Scope)
		if err != nil {
			return err
		}
		return equal(claims(token)["azp"], w.Identity.Worker)
	})
	no := func(flow string, code int, make func() (azcore.TokenCredential, error), scope string) {
		refused(azure, flow, code, func() error {
			credential, err := make()
			_, err = tokenOf(credential, err, scope)
			return err
		})
	}
	obo := func(name string) func() (azcore.TokenCredential, error) {
		return func() (azcore.TokenCredential, error) { return w.oboCredential(w.Assertions[name]) }
	}
	no("OnBehalfOfCredential refused: expired", 500133, obo("expired"), w.Orders.Scope)
	no("OnBehalfOfCredential refused: foreign audience", 500131, obo("foreign_audience"), w.Orders.Scope)
	no("OnBehalfOfCredential refused: no consent", 65001, obo("right"), w.Payroll.Scope)
	no("OnBehalfOfCredential refused: a policy", 50076, obo("right"), w.Reports.Scope)
	no("ClientSecretCredential refused: wrong secret", 7000215, func() (azcore.TokenCredential, error) {
		return w.secretCredential(w.Daemon.ID, "wrong")
	}, w.Daemon.Scope)
	no("ClientCertificateCredential refused: a stranger", 700027, func() (azcore.TokenCredential, error) {
		return w.certificateCredential("test-only-stranger")
	}, w.Orders.Default)
	no("ManagedIdentityCredential refused: unknown resource", 500011, func() (azcore.TokenCredential, error) {
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
			ID: azidentity.ClientID(w.Identity.Worker),
		})
	}, "https://unknown.example/.default")
}
