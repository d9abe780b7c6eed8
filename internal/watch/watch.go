// Package watch counts what a vault does, for those who keep it running.
//
// Promises: nothing that is counted names anybody. There is no label whose values
// a client can choose, none that holds an account, a testimony, a partner, an
// address, an agent or the size of one thing; requests are told apart by what kind
// of work they are and never by which act it was, because a history of counters
// would else show the minute in which somebody of a small vault took something
// back. It is served on a socket of this machine or on a loopback address, never
// beside the API; profiles, which hold memory, on the socket only.
//
// Assumes: whoever can open the socket may read all that the process holds. Does
// not: keep a history, send anything anywhere, or decide anything.
//
// Formats: Prometheus text exposition and OpenMetrics, by client_golang.
package watch

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// Kind is what sort of work a request is.
type Kind string

// The kinds of requests. A new one needs the question whether counting it alone
// tells when a person did something.
const (
	Site    Kind = "site"    // pages and what they are made of
	Sign    Kind = "sign"    // signing in, enrolling, tokens
	Account Kind = "account" // every signed act and list
	Payload Kind = "payload" // large bodies, in either direction
	Partner Kind = "partner" // systems of partners
	Other   Kind = "other"   // documents, and what there is no route for
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Site, Sign, Account, Payload, Partner, Other} }

// Watch holds the counters of one process. It is safe for concurrent use.
type Watch struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	running  prometheus.Gauge
	refused  *prometheus.CounterVec
	traced   *prometheus.CounterVec
	failed   *prometheus.CounterVec
	done     *prometheus.GaugeVec
}

// seconds are the bounds of the histogram of requests. Those of payloads end when
// the line has taken everything, so they go far.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 600}

// New makes counters at zero. version is of the program.
func New(version string) *Watch {
	w := &Watch{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "testimonyd_requests_total", Help: "Requests that were answered, by kind of work and status."}, []string{"kind", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "testimonyd_request_duration_seconds", Help: "From a request's head to the end of its answer.", Buckets: seconds}, []string{"kind"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "testimonyd_requests_running", Help: "Requests under way."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "testimonyd_turned_away_total", Help: "Requests that were turned away to leave room for others, by what was used up."}, []string{"of"}),
		traced: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "testimonyd_traces_total", Help: "Traces of requests, by whether the collector took them."}, []string{"outcome"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "testimonyd_job_failures_total", Help: "Runs of background jobs that failed and will be repeated."}, []string{"job"}),
		done: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "testimonyd_job_success_timestamp_seconds", Help: "When a background job last came to its end."}, []string{"job"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "testimonyd_info", Help: "Which program this is.", ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	w.registry.MustRegister(w.requests, w.took, w.running, w.refused, w.traced, w.failed, w.done, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, k := range Kinds() {
		w.took.WithLabelValues(string(k))
	}
	return w
}

// Begin notes that a request is under way; the function it gives notes its end.
// Of a status outside HTTP's range only that there was one is kept.
func (w *Watch) Begin() (end func(k Kind, status int, took time.Duration)) {
	w.running.Inc()
	return func(k Kind, status int, took time.Duration) {
		w.running.Dec()
		code := "none"
		if status >= 100 && status <= 599 {
			code = strconv.Itoa(status)
		}
		w.requests.WithLabelValues(string(k), code).Inc()
		w.took.WithLabelValues(string(k)).Observe(took.Seconds())
	}
}

// Refused notes that a request was turned away because something was used up: slots, a
// kind of work that strangers ask for, what one account gets. of is one of the
// program's own words.
func (w *Watch) Refused(of string) { w.refused.WithLabelValues(of).Inc() }

// Traced notes what became of traces: sent, left out because there were too many, or
// dropped because the collector did not take them.
func (w *Watch) Traced(of string, n int) { w.traced.WithLabelValues(of).Add(float64(n)) }

// Job notes how a run of a background job ended. name is one of the program's own.
func (w *Watch) Job(name string, err error, now time.Time) {
	if err != nil {
		w.failed.WithLabelValues(name).Inc()
		return
	}
	w.failed.WithLabelValues(name) // so that the counter is there before the first failure
	w.done.WithLabelValues(name).Set(float64(now.Unix()))
}

// Figure is one number about the vault as a whole.
type Figure struct {
	Name, Help string
	Value      float64
}

// Read is where figures come from that cost a question: to the database, to a disk.
type Read func(context.Context) ([]Figure, error)

// Ask has figures read when somebody looks, and no more often than every so often,
// so that whoever looks every second costs the vault nothing. What cannot be read
// is left out, and testimonyd_figures_readable says so with 0.
func (w *Watch) Ask(read Read, every time.Duration, now func() time.Time) {
	w.registry.MustRegister(&asked{read: read, every: every, now: now})
}

// askTime bounds one reading.
const askTime = 5 * time.Second

type asked struct {
	read  Read
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex
	at      time.Time
	figures []Figure
	fine    float64
}

// Describe says nothing beforehand: which figures there are is up to read.
func (a *asked) Describe(chan<- *prometheus.Desc) {}

// Collect hands over what was read last, or reads.
func (a *asked) Collect(out chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); a.at.IsZero() || now.Sub(a.at) >= a.every || now.Before(a.at) {
		ctx, cancel := context.WithTimeout(context.Background(), askTime)
		defer cancel()
		figures, err := a.read(ctx)
		a.at, a.figures, a.fine = now, figures, 1
		if err != nil {
			a.fine = 0
		}
	}
	for _, f := range a.figures {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(f.Name, f.Help, nil, nil), prometheus.GaugeValue, f.Value)
	}
	out <- prometheus.MustNewConstMetric(
		prometheus.NewDesc("testimonyd_figures_readable", "1 when all figures about the vault as a whole could be read.", nil, nil), prometheus.GaugeValue, a.fine)
}

// gather leaves out what the system counts of the network: on a quiet vault the
// growth of that between two looks is the size of what one person sent.
func (w *Watch) gather() ([]*dto.MetricFamily, error) {
	all, err := w.registry.Gather()
	return slices.DeleteFunc(all, func(f *dto.MetricFamily) bool { return strings.HasPrefix(f.GetName(), "process_network_") }), err
}

// Counters serves /metrics.
func (w *Watch) Counters() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(prometheus.GathererFunc(w.gather), promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4}))
	return mux
}

// Socket serves /metrics, /status and the profiles of the Go runtime. A profile can
// hold what is in memory: it belongs on a socket that only the operator can open.
func (w *Watch) Socket() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", w.Counters())
	mux.HandleFunc("GET /status", w.status)
	mux.HandleFunc("GET /profiles/cpu", cpu)
	mux.HandleFunc("GET /profiles/{name}", profile)
	return mux
}
