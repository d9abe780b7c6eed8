package housetest

import (
	"go/ast"
	"slices"
	"strings"
)

func webRules() []Rule {
	return []Rule{
		{"no-default-http", "the default client and mux have no limits and belong to everybody", checkDefaults},
		{"server-timeouts", "a server without a header timeout is held open by anyone", checkServers},
		{"no-visitor-data", "an address or agent that is never read is never leaked (promise P7)", checkVisitors},
		{"no-framework-leaks", "the framework's own logging and file serving see what they must not, or lose sendfile", checkFramework},
		{"verified-tls", "a client that does not check who it talks to is talking to the attacker", checkTLS},
	}
}

func checkDefaults(t Tree, report Report) {
	instead := map[string]string{
		"DetectContentType": "what a part is, is sealed inside it", "ServeFile": "it sniffs and sends times",
		"ServeContent": "it sniffs and sends times", "FileServer": "it lists folders", "Error": "answer problem+json",
		"NotFound": "answer problem+json",
	}
	for _, name := range []string{"Get", "Post", "Head", "PostForm", "DefaultClient", "DefaultTransport"} {
		instead[name] = "take an *http.Client"
	}
	for _, name := range []string{"DefaultServeMux", "Handle", "HandleFunc", "ListenAndServe", "ListenAndServeTLS", "Serve"} {
		instead[name] = "make an http.Server of your own"
	}
	for _, f := range t.Files {
		if f.Product() {
			uses(f, "net/http", func(name string, n ast.Node) {
				// Her own device may look at the plaintext: it seals what it finds.
				if name == "DetectContentType" && within(f.Dir(), "api/client", "internal/webhook") { // these send and are not visited
					return
				}
				if why, ok := instead[name]; ok {
					report(f, f.line(n), "http.%s: %s", name, why)
				}
			})
		}
	}
}

func checkServers(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if ok && isSelector(lit.Type, "http", "Server") && !hasField(lit, "ReadHeaderTimeout") {
				report(f, f.line(lit), "http.Server without ReadHeaderTimeout")
			}
			return true
		})
	}
}

func isSelector(e ast.Expr, pkg, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	return ok && isIdent(sel.X, pkg) && sel.Sel.Name == name
}

func hasField(lit *ast.CompositeLit, name string) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		return ok && isIdent(kv.Key, name)
	})
}

func checkVisitors(t Tree, report Report) {
	headers := []string{"user-agent", "x-forwarded-for", "x-real-ip", "forwarded", "referer", "cf-connecting-ip", "true-client-ip"}
	for _, f := range t.Files {
		if !f.Product() || within(f.Dir(), "api/client", "internal/webhook") { // these send and are not visited
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"RemoteAddr", "RealIP", "UserAgent", "Referer"}, sel.Sel.Name) && !(within(f.Dir(), "internal/flood") && sel.Sel.Name == "RemoteAddr") { // which forgets it
				report(f, f.line(n), "%s; the vault does not ask who is calling from where", sel.Sel.Name)
			}
			return true
		})
		literals(f, func(s string, n ast.Node) {
			if slices.Contains(headers, strings.ToLower(s)) {
				report(f, f.line(n), "the header %s; the vault does not ask who is calling from where", s)
			}
		})
	}
}

func checkFramework(t Tree, report Report) {
	onContext := []string{"File", "Attachment", "Inline", "Static"}
	middleware := []string{"Logger", "LoggerWithConfig", "RequestLoggerWithConfig", "BodyDump", "BodyDumpWithConfig", "Static", "StaticWithConfig"}
	for _, f := range t.Files {
		if !f.Product() || !within(f.Dir(), "internal/httpapi") {
			continue
		}
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			if isIdent(sel.X, "c") && slices.Contains(onContext, sel.Sel.Name) {
				report(f, f.line(call), "c.%s; write header and payload to the unwrapped writer", sel.Sel.Name)
			}
		})
		uses(f, "github.com/labstack/echo/v4/middleware", func(name string, n ast.Node) {
			if slices.Contains(middleware, name) {
				report(f, f.line(n), "middleware.%s records addresses, bodies or paths", name)
			}
		})
	}
}

func checkTLS(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Written() {
			continue
		}
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == "InsecureSkipVerify" {
				report(f, f.line(id), "InsecureSkipVerify; give the client the certificate it should trust")
			}
			return true
		})
	}
}
