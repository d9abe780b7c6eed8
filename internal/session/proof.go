package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// ProofType is the JWS typ of DPoP proofs (RFC 9449 section 4.2).
const ProofType = "dpop+jwt"

// maxJTI bounds the name of a proof, in bytes.
const maxJTI = 128

// proof shows possession of a session's key for one request.
type proof struct {
	JTI   string   `json:"jti"`
	HTM   string   `json:"htm"`
	HTU   string   `json:"htu"`
	Iat   *float64 `json:"iat"` // there, but not compared: the nonce is the time
	ATH   string   `json:"ath"`
	Nonce string   `json:"nonce"`

	thumbprint string
	key        *ecdsa.PublicKey
	signed     jws
}

type proofHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	JWK ec     `json:"jwk"`
}

// ec has no member for a private key, and unknown members are refused: a client
// that sends its private key along gets no session with it.
type ec struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

// proofOf reads the proof of r and checks that it is for this very request. Its
// signature, nonce, token and novelty remain to be checked.
func (s *Service) proofOf(r Request) (*proof, error) {
	p, err := parseProof(r.Proof)
	if err != nil {
		return nil, err
	}
	if p.HTM != r.Method || !s.at(p.HTU, r.Path) {
		return nil, errors.New("it is for another method or address")
	}
	return p, nil
}

func parseProof(compact string) (*proof, error) {
	j, err := split(compact)
	if err != nil {
		return nil, err
	}
	p, h := &proof{signed: j}, proofHeader{}
	if err := j.read(&h, p); err != nil {
		return nil, err
	}
	if (h != proofHeader{"ES256", ProofType, ec{"P-256", "EC", h.JWK.X, h.JWK.Y}}) {
		return nil, errors.New("its header does not name ES256, " + ProofType + " and a P-256 key")
	}
	if p.Iat == nil || p.JTI == "" || len(p.JTI) > maxJTI {
		return nil, errors.New("it has no iat or no usable jti")
	}
	p.thumbprint = hash64(`{"crv":"P-256","kty":"EC","x":"` + h.JWK.X + `","y":"` + h.JWK.Y + `"}`)
	p.key, err = point(h.JWK)
	return p, err
}

// point refuses coordinates that are not on the curve.
func point(k ec) (*ecdsa.PublicKey, error) {
	x, err := key32(k.X)
	if err != nil {
		return nil, err
	}
	y, err := key32(k.Y)
	if err != nil {
		return nil, err
	}
	uncompressed := append(append([]byte{4}, x...), y...)
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), uncompressed)
}

func (p *proof) verify() error {
	return jwt.SigningMethodES256.Verify(p.signed.text, p.signed.signature, p.key)
}
