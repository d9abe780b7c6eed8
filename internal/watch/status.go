package watch

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// status writes what an operator wants to read first: a line for each figure and
// job, and how many requests of each kind were answered how.
func (w *Watch) status(out http.ResponseWriter, _ *http.Request) {
	all, err := w.gather()
	if err != nil {
		out.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var b bytes.Buffer
	for _, f := range all {
		if !strings.HasPrefix(f.GetName(), "testimonyd_") || f.GetType() == dto.MetricType_HISTOGRAM {
			continue
		}
		for _, m := range f.GetMetric() {
			fmt.Fprintf(&b, "%-60s %s\n", strings.TrimPrefix(f.GetName(), "testimonyd_")+labels(m), value(m))
		}
	}
	out.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = out.Write(b.Bytes()) // whoever asked may have gone
}

func labels(m *dto.Metric) string {
	var out []string
	for _, l := range m.GetLabel() {
		out = append(out, l.GetValue())
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// value spells a counter or a gauge; there is nothing else here.
func value(m *dto.Metric) string {
	v := m.GetGauge().GetValue()
	if m.GetCounter() != nil {
		v = m.GetCounter().GetValue()
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
