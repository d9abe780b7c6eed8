package httpapi

import (
	"net/url"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/statement"
)

// metadata says to libraries what POST /v1/token takes (RFC 8414). The issuer is the
// origin that was asked, if it is one of the vault's: they compare the two.
func (p *Partners) metadata(r *Request) (api.OAuthServer, error) {
	issuer := p.origin(r.echo.Request().Host)
	return api.OAuthServer{
		Issuer: issuer, TokenEndpoint: issuer + partner.TokenPath, GrantTypes: []string{"client_credentials"}, ResponseTypes: []string{},
		AuthMethods: []string{"private_key_jwt"}, AuthAlgs: []string{clientkey.EdDSA, clientkey.ES256}, ProofAlgs: []string{clientkey.ES256},
		Scopes: statement.Scopes(),
	}, nil
}

func (p *Partners) origin(host string) string {
	origins := p.Registry.Origins
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil && u.Host == host {
			return o
		}
	}
	return origins[0]
}
