package trace

import (
	"io"
	"regexp"
	"strconv"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// encode writes requests of one window as TracesData, whose bytes are those of the
// collector's ExportTraceServiceRequest. What says where it comes from is fixed.
func (t *Tracer) encode(window time.Time, all []told) ([]byte, error) {
	var spans []*otlp.Span
	for _, r := range all {
		trace := make([]byte, 16)
		if _, err := io.ReadFull(t.cfg.Rand, trace); err != nil {
			return nil, err
		}
		root := span(trace, 1, r.shape.name(), window, r.took)
		root.Kind, root.Attributes = otlp.Span_SPAN_KIND_SERVER, r.shape.attributes()
		if r.shape.Class == 5 {
			root.Status = &otlp.Status{Code: otlp.Status_STATUS_CODE_ERROR}
		}
		spans = append(spans, root)
		n := byte(1) // of mostParts at most, so that no span of a trace has the number of another
		for name, took := range r.parts {
			n++
			child := span(trace, n, name, window, took)
			child.ParentSpanId, child.Kind = root.SpanId, otlp.Span_SPAN_KIND_INTERNAL
			spans = append(spans, child)
		}
	}
	return proto.Marshal(&otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{
		Resource:   &resource.Resource{Attributes: []*common.KeyValue{attribute("service.name", "testimonyd"), attribute("service.version", t.cfg.Version)}},
		ScopeSpans: []*otlp.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "testimonyd"}, Spans: spans}},
	}}})
}

func span(trace []byte, n byte, name string, begun time.Time, took time.Duration) *otlp.Span {
	return &otlp.Span{
		TraceId: trace, SpanId: []byte{0, 0, 0, 0, 0, 0, 0, n}, Name: plain(name),
		StartTimeUnixNano: uint64(begun.UnixNano()), EndTimeUnixNano: uint64(begun.Add(took).UnixNano()),
	}
}

// name is the route, or only the kind of work where the route was rare.
func (s Shape) name() string {
	if s.Route == "" {
		return s.Kind
	}
	return s.Verb + " " + s.Route
}

func (s Shape) attributes() []*common.KeyValue {
	out := []*common.KeyValue{attribute("testimonyd.kind", s.Kind), attribute("testimonyd.status_class", strconv.Itoa(s.Class)+"xx")}
	if s.Route != "" {
		out = append(out, attribute("http.request.method", s.Verb), attribute("http.route", s.Route))
	}
	return out
}

func attribute(name, value string) *common.KeyValue {
	return &common.KeyValue{Key: name, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: plain(value)}}}
}

// ours is how the program's own names look.
var ours = regexp.MustCompile(`^[A-Za-z0-9 ._/{}*:()+-]{1,128}$`)

// plain is the last fence: what does not look like a name of the program is not told.
func plain(name string) string {
	if ours.MatchString(name) {
		return name
	}
	return "other"
}
