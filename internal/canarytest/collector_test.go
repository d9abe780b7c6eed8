package canarytest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// collector takes traces as an OpenTelemetry collector does.
type collector struct {
	url    string
	mu     sync.Mutex
	bodies [][]byte
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies = append(c.bodies, b)
	}))
	t.Cleanup(s.Close)
	c.url = s.URL + "/v1/traces"
	return c
}

// named looks for marks and names in all that came, as bytes and as a collector shows
// it: fields that this program does not know are refused.
func (c *collector) named(t *testing.T, s *secrets, st *story) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var shown strings.Builder
	for _, b := range c.bodies {
		var all otlp.TracesData
		if err := proto.Unmarshal(b, &all); err != nil || len(all.ProtoReflect().GetUnknown()) > 0 {
			t.Fatalf("no traces: %v", err)
		}
		shown.WriteString(prototext.Format(&all))
	}
	text := shown.String()
	for _, want := range []string{"GET /v1/testimonies", "store ", "blob", "testimonyd.status_class"} {
		if !strings.Contains(text, want) {
			t.Errorf("no trace has %q: this is not what a collector gets", want)
		}
	}
	for what, in := range map[string]string{"traces": text, "the bytes of traces": string(slices.Concat(c.bodies...))} {
		marks := s.scanner()
		found, err := marks.Read(what, strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Error(f)
		}
		for _, name := range []string{string(st.her.Account()), string(st.reader.Account()), string(st.testimony), string(st.grant), "127.0.0.1", "revo", "size"} {
			if strings.Contains(in, name) {
				t.Errorf("%s hold %q", what, name)
			}
		}
	}
}
