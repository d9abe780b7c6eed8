package tlsserve_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/realserver"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// trusted vouches for the vaults of these tests, to this process and to no other.
var trusted *authority

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tls-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// What is fetched to build it comes over lines that the authorities below do not vouch for.
	if _, err := realserver.Build(realserver.ACME); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	trusted = newAuthority("the tests")
	file := filepath.Join(dir, "trusted.pem")
	for name, value := range map[string]string{"SSL_CERT_FILE": file, "SSL_CERT_DIR": dir} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if err := os.WriteFile(file, trusted.pem(), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(name string) *authority {
	a := &authority{}
	a.cert, a.key = sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil)
	return a
}

// sign makes a key and a certificate for it; a nil authority signs itself.
func sign(t *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	t.SerialNumber, t.NotBefore, t.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	parent, signer := t, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, signer)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert, key
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// server is a certificate for this machine.
func (a *authority) server(name string) pair {
	return newPair(sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, a))
}

// client is a certificate of a program.
func (a *authority) client(uri string) tls.Certificate {
	u, err := url.Parse(uri)
	if err != nil {
		panic(err)
	}
	cert, key := sign(&x509.Certificate{Subject: pkix.Name{CommonName: "a program"}, URIs: []*url.URL{u}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, a)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// pair is a certificate and its key, as they lie in files.
type pair struct {
	cert       *x509.Certificate
	chain, key []byte
}

func newPair(cert *x509.Certificate, key *ecdsa.PrivateKey) pair {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return pair{cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}
}

// files are where a pair lies.
type files struct{ chain, key string }

func write(t *testing.T, f files, p pair) {
	t.Helper()
	must(t, os.WriteFile(f.chain, p.chain, 0o644))
	must(t, os.WriteFile(f.key, p.key, 0o600))
}

func inFiles(t *testing.T, p pair) files {
	t.Helper()
	dir := t.TempDir()
	f := files{filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")}
	write(t, f, p)
	return f
}

// withTLS configures a vault with a certificate in files.
func withTLS(f files) vaulttest.Option {
	return vaulttest.With(func(c *config.Config) {
		c.TLS.Mode, c.TLS.Certificate, c.TLS.Key = config.TLSFiles, f.chain, f.key
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shown is the certificate that a server shows, and what was agreed on.
func shown(t *testing.T, addr string, change ...func(*tls.Config)) (tls.ConnectionState, error) {
	t.Helper()
	cfg := &tls.Config{ServerName: "localhost"}
	for _, c := range change {
		c(cfg)
	}
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: cfg}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState(), nil
}

// log is a log that a test reads.
type log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
