package crashtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// gone asks the vault itself whether something is there for an account. A client
// would not ask for what its own chain says is erased.
func (w *World) gone(ctx context.Context, c *client.Client, path string) (bool, error) {
	resp, err := w.ask(ctx, c, path)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return false, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return false, nil
	case http.StatusNotFound:
		return true, nil
	}
	return false, fmt.Errorf("GET: the vault answered %d", resp.StatusCode)
}

func (w *World) ask(ctx context.Context, c *client.Client, path string) (*http.Response, error) {
	token, err := c.Token(ctx)
	if err != nil {
		return nil, err
	}
	url := w.origin + path
	proof, err := token.Proof(rand.Reader, time.Now().Unix(), http.MethodGet, url, "")
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", api.SchemeDPoP+" "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
	return w.http.Do(req)
}

func pathOf(t *told) string { return "/v1/testimonies/" + string(t.id) }
