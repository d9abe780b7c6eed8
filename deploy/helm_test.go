package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/relatingfield/vault/internal/config"
)

// charts builds the program that lints and renders with Helm's own code and holds the
// outcome against Kubernetes' own types, once.
var charts = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "charts")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "charts")
	cmd := exec.Command("go", "build", "-C", "../internal/tools/charts", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := charts(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// render is what the chart makes of values; the error says what Helm or Kubernetes would
// refuse.
func render(t *testing.T, values string) (string, error) {
	t.Helper()
	program, err := charts()
	if err != nil {
		t.Fatalf("%v: %s", err, program)
	}
	name := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(name, []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "helm", name).CombinedOutput()
	return string(out), err
}

// object is what these tests read of a rendered document.
type object struct {
	Kind                         string
	Metadata                     struct{ Name string }
	Data                         map[string]string
	AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
	Spec                         struct {
		Template    struct{ Spec pod }
		PolicyTypes []string `yaml:"policyTypes"`
		Ingress     []struct {
			From  []any
			Ports []struct{ Port int }
		}
		Egress         []struct{ To []any }
		MaxUnavailable int `yaml:"maxUnavailable"`
		Replicas       int
	}
}

type pod struct {
	AutomountServiceAccountToken *bool `yaml:"automountServiceAccountToken"`
	HostNetwork                  bool  `yaml:"hostNetwork"`
	HostPID                      bool  `yaml:"hostPID"`
	SecurityContext              struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		RunAsUser      int                   `yaml:"runAsUser"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []struct {
		Image           string
		Args            []string
		Env             []struct{ Name, Value string }
		SecurityContext struct {
			AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
			Privileged               bool
			Capabilities             struct{ Drop, Add []string }
		} `yaml:"securityContext"`
		LivenessProbe  probe `yaml:"livenessProbe"`
		ReadinessProbe probe `yaml:"readinessProbe"`
		VolumeMounts   []struct {
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	Volumes []map[string]any
}

type probe struct {
	HTTPGet struct{ Path string } `yaml:"httpGet"`
}

func objects(t *testing.T, rendered string) map[string]object {
	t.Helper()
	out := map[string]object{}
	d := yaml.NewDecoder(strings.NewReader(rendered))
	for {
		var o object
		if err := d.Decode(&o); err != nil {
			break
		}
		if o.Kind != "" {
			out[o.Kind] = o
		}
	}
	return out
}

// The chart is one that Helm renders and Kubernetes knows, with its defaults and with all
// that can be switched on.
func TestTheChartIsWhatKubernetesUnderstands(t *testing.T) {
	for name, values := range map[string]string{
		"as it is":   "{}",
		"everything": "ingress: {enabled: true}\nimage: {repository: r.example/v, digest: 'sha256:" + strings.Repeat("a", 64) + "', pullSecret: pull}\nreplicas: 5\n",
		"a task":     "task: [migrate]\n",
	} {
		if out, err := render(t, values); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for name, values := range map[string]string{
		"a password":         "database: {secret: x, url: 'postgres://u:p@db/v'}",
		"a key":              "objects: {endpoint: https://s3, bucket: vault, accessKey: me, secret: s, secretKey: hidden}",
		"a slip of the pen":  "replica: 3",
		"an open line":       "objects: {endpoint: http://s3}",
		"nobody may come":    "network: {from: [], to: []}",
		"no Secret is named": "database: {secret: ''}",
		"a misspelt field":   "resources: {limit: {memory: 1Gi}}",
	} {
		if out, err := render(t, values); err == nil {
			t.Errorf("%s is taken:\n%s", name, out)
		}
	}
}

// Every pod keeps to the restricted pod security standard, and has no token of the
// cluster.
func TestThePodsMayDoNextToNothing(t *testing.T) {
	for kind, values := range map[string]string{"StatefulSet": "{}", "Job": "task: [migrate]"} {
		out, err := render(t, values)
		if err != nil {
			t.Fatal(out)
		}
		all := objects(t, out)
		p := all[kind].Spec.Template.Spec
		if len(p.Containers) != 1 {
			t.Fatalf("%s has %d containers:\n%s", kind, len(p.Containers), out)
		}
		c := p.Containers[0]
		s := c.SecurityContext
		switch {
		case !p.SecurityContext.RunAsNonRoot, p.SecurityContext.RunAsUser != 10001, p.SecurityContext.SeccompProfile.Type != "RuntimeDefault":
			t.Errorf("%s runs as %+v", kind, p.SecurityContext)
		case s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation, !s.ReadOnlyRootFilesystem, s.Privileged,
			!slices.Equal(s.Capabilities.Drop, []string{"ALL"}), len(s.Capabilities.Add) > 0, p.HostNetwork, p.HostPID:
			t.Errorf("%s may do %+v", kind, s)
		case p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken, *all["ServiceAccount"].AutomountServiceAccountToken:
			t.Errorf("%s has a token of the cluster", kind)
		}
		for _, v := range p.Volumes {
			if v["hostPath"] != nil {
				t.Errorf("%s mounts the machine's folder %v", kind, v)
			}
		}
		for _, e := range c.Env {
			if !strings.HasPrefix(e.Name, "TESTIMONYD_") || strings.Contains(e.Name, "SECRET") {
				t.Errorf("%s is told %s in its environment", kind, e.Name)
			}
		}
	}
}

// The nodes are asked whether they live and whether they can work, one may be away at a
// time, and nobody comes or goes but as was said.
func TestTheNodesAreWatchedAndKeptApart(t *testing.T) {
	out, err := render(t, "{}")
	if err != nil {
		t.Fatal(out)
	}
	all := objects(t, out)
	c := all["StatefulSet"].Spec.Template.Spec.Containers[0]
	if c.LivenessProbe.HTTPGet.Path != "/livez" || c.ReadinessProbe.HTTPGet.Path != "/readyz" {
		t.Errorf("probes %+v, %+v", c.LivenessProbe, c.ReadinessProbe)
	}
	if all["PodDisruptionBudget"].Spec.MaxUnavailable != 1 || all["StatefulSet"].Spec.Replicas < 2 {
		t.Error("a drained machine takes the vault away")
	}
	n := all["NetworkPolicy"].Spec
	if !slices.Equal(n.PolicyTypes, []string{"Ingress", "Egress"}) || len(n.Ingress) != 1 || len(n.Ingress[0].From) == 0 || n.Ingress[0].Ports[0].Port != 8080 {
		t.Errorf("%+v", n)
	}
	for _, e := range n.Egress {
		if len(e.To) == 0 {
			t.Error("the nodes may go anywhere")
		}
	}
}

// What the chart tells testimonyd is a sound configuration, whose folders lie on what is
// mounted, and nothing in settings undoes what the chart rests on.
func TestTheChartsConfigurationIsSound(t *testing.T) {
	out, err := render(t, "settings: {enrolment: {mode: code}, listen: '127.0.0.1:1', store: {engine: sqlite}}\n")
	if err != nil {
		t.Fatal(out)
	}
	all, dir := objects(t, out), t.TempDir()
	text := all["ConfigMap"].Data["testimonyd.yaml"]
	for file, secret := range map[string]string{"database/url": "postgres://vault:x@db.example/vault?sslmode=verify-full", "objects/secret-key": "x"} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(secret), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "testimonyd.yaml")
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "/run/secrets", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Sources{File: name, Environ: []string{"TESTIMONYD_JOURNAL_NODE=vault-0"}}.Load()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if cfg.Listen != "0.0.0.0:8080" || cfg.Store.Engine != config.Postgres || cfg.Enrolment.Mode != config.Code {
		t.Errorf("%+v", cfg)
	}
	for _, place := range []string{cfg.DataDir, cfg.KeysDir, cfg.Journal.Dir} {
		mounted := false
		for _, m := range all["StatefulSet"].Spec.Template.Spec.Containers[0].VolumeMounts {
			mounted = mounted || strings.HasPrefix(place, m.MountPath+"/")
		}
		if !mounted {
			t.Errorf("%s is on the read-only root", place)
		}
	}
}
