// Command charts looks at a Helm chart with Helm's own linter and template engine, and
// holds what comes out against Kubernetes' own types: an unknown or misspelt field is
// refused. It needs no cluster and no line.
//
//	charts CHART [VALUES.yaml]   writes what the chart renders to, or says what is wrong
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("usage: charts CHART [VALUES.yaml]")
	}
	values := chartutil.Values{}
	if len(args) == 2 {
		var err error
		if values, err = chartutil.ReadValuesFile(args[1]); err != nil {
			return err
		}
	}
	for _, m := range lint.AllWithKubeVersion(args[0], values, "vault", nil).Messages {
		if m.Severity >= support.WarningSev {
			return fmt.Errorf("lint: %s: %w", m.Path, m.Err)
		}
	}
	documents, err := render(args[0], values)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := hold(d); err != nil {
			return fmt.Errorf("%w in:\n%s", err, d)
		}
		fmt.Printf("---\n%s\n", d)
	}
	return nil
}

// render gives the documents of a chart in the order of their files.
func render(path string, values chartutil.Values) (out []string, err error) {
	chart, err := loader.Load(path)
	if err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "vault", Namespace: "vault", IsInstall: true}
	all, err := chartutil.ToRenderValues(chart, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		for _, d := range strings.Split("\n"+files[name], "\n---") {
			if d = strings.TrimSpace(d); d != "" {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// kinds are what the chart may make.
func kinds() map[string]any {
	return map[string]any{
		"apps/v1 StatefulSet": &appsv1.StatefulSet{}, "batch/v1 Job": &batchv1.Job{}, "v1 Service": &corev1.Service{}, "v1 ConfigMap": &corev1.ConfigMap{},
		"v1 ServiceAccount": &corev1.ServiceAccount{}, "networking.k8s.io/v1 NetworkPolicy": &networkingv1.NetworkPolicy{},
		"networking.k8s.io/v1 Ingress": &networkingv1.Ingress{}, "policy/v1 PodDisruptionBudget": &policyv1.PodDisruptionBudget{},
		"v1 PersistentVolumeClaim": &corev1.PersistentVolumeClaim{},
	}
}

// hold reads a document as its kind, without a field more.
func hold(document string) error {
	var of metav1.TypeMeta
	if err := yaml.Unmarshal([]byte(document), &of); err != nil {
		return err
	}
	into := kinds()[of.APIVersion+" "+of.Kind]
	if into == nil {
		return fmt.Errorf("a %s of %s is nothing this chart should make", of.Kind, of.APIVersion)
	}
	return yaml.UnmarshalStrict([]byte(document), into)
}
