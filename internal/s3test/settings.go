package s3test

import (
	"strconv"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/secret"
)

// Place is Bucket under a prefix, as a vault in this process is told where payloads
// lie: c.Blobs.S3, or c.Blobs.Second.S3.
func (s *Server) Place(prefix string) config.S3 {
	return config.S3{
		Endpoint: s.Endpoint(), Region: Region, Bucket: Bucket, Prefix: prefix, PathStyle: true, SSE: "none",
		AccessKey: s.access, SecretKey: secret.Copy([]byte(s.secret)),
	}
}

// Settings is the same for a daemon (daemontest.Config.Set), which is told in its
// environment: path is "blobs" or "blobs.second".
func (s *Server) Settings(path, prefix string) []string {
	p := s.Place(prefix)
	at := path + ".s3."
	return []string{
		path + ".engine=s3", at + "endpoint=" + p.Endpoint, at + "region=" + p.Region, at + "bucket=" + p.Bucket, at + "prefix=" + p.Prefix,
		at + "path_style=" + strconv.FormatBool(p.PathStyle), at + "access_key=" + s.access, at + "secret_key=" + s.secret,
	}
}
