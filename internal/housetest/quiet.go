package housetest

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

func quietRules() []Rule {
	return []Rule{
		{"no-printing", "what is printed is neither structured nor redacted", checkPrinting},
		{"log-attributes", "a log that names people, testimonies or addresses is the thing a thief looks for", checkLogKeys},
		{"log-constants", "a message built at run time carries what no rule can see", checkLogMessages},
	}
}

func checkPrinting(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() || f.Main() || within(f.Dir(), "cmd", "internal/bench", "internal/soak", "internal/demo", "internal/sandbox") {
			continue
		}
		uses(f, "fmt", func(name string, n ast.Node) {
			if strings.HasPrefix(name, "Print") {
				report(f, f.line(n), "fmt.%s; write to an io.Writer that the caller gives", name)
			}
		})
		uses(f, "os", func(name string, n ast.Node) {
			if name == "Stdout" || name == "Stderr" {
				report(f, f.line(n), "os.%s; write to an io.Writer that the caller gives", name)
			}
		})
		ast.Inspect(f.Go, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && (isIdent(c.Fun, "print") || isIdent(c.Fun, "println")) {
				report(f, f.line(n), "the print built-ins write past every redaction")
			}
			return true
		})
	}
}

// telling are the attribute keys that say who, which or from where.
func telling() *regexp.Regexp {
	return regexp.MustCompile(`^(.*[_.-])?(id|ids|account|testimony|part|grant|grantee|opening|statement|jti|sub|iss|kid|jkt|thumbprint|recipient|` +
		`ip|addr|address|remote|host|agent|ua|device|url|uri|path|query|referer|cookie|header|headers|body|email|phone|name|title|` +
		`language|lang|locale|token|key|words|phrase|secret|card|text|content|digest|sha256)$`)
}

// allowedKeys are the keys that look telling and are not.
func allowedKeys() []string { return []string{"request_id"} }

// logCall finds the key/value arguments of a call of a slog function or method:
// where they begin, and whether the call is one.
func logCall(f File, sel *ast.SelectorExpr) (from int, ok bool) {
	recv := lastName(sel.X)
	if recv != localName(f, "log/slog") && !slices.Contains([]string{"log", "logger", "Log", "Logger", "slog"}, recv) {
		return 0, false
	}
	switch sel.Sel.Name {
	case "With", "Group":
		return 0, true
	case "Debug", "Info", "Warn", "Error":
		return 1, true
	case "DebugContext", "InfoContext", "WarnContext", "ErrorContext":
		return 2, true
	case "Log", "LogAttrs":
		return 3, true
	}
	return 0, false
}

func checkLogKeys(t Tree, report Report) {
	check := func(f File, e ast.Expr) {
		key, ok := text(e)
		switch {
		case !ok:
			report(f, f.line(e), "a log attribute's key is a literal, so that this rule can read it")
		case telling().MatchString(path.Base(key)) && !slices.Contains(allowedKeys(), key):
			report(f, f.line(e), "log attribute %q; log the route pattern, the status, the duration and the request id only", key)
		}
	}
	for _, f := range t.Files {
		if !f.Product() {
			continue
		}
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			if attr(f, sel) && len(call.Args) > 0 {
				check(f, call.Args[0])
			}
			if from, ok := logCall(f, sel); ok {
				eachKey(f, call.Args[min(from, len(call.Args)):], check)
			}
		})
	}
}

// attr tells whether the call makes one attribute from a key: slog.String.
func attr(f File, sel *ast.SelectorExpr) bool {
	pkg := localName(f, "log/slog")
	makers := []string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Time", "Duration", "Any", "Group"}
	return pkg != "" && isIdent(sel.X, pkg) && slices.Contains(makers, sel.Sel.Name)
}

// eachKey walks key, value, key, value; a call in the place of a key is an
// attribute of its own and takes one place.
func eachKey(f File, args []ast.Expr, check func(File, ast.Expr)) {
	for i := 0; i < len(args); {
		if _, ok := args[i].(*ast.CallExpr); ok {
			i++
			continue
		}
		if i+1 < len(args) {
			check(f, args[i])
		}
		i += 2
	}
}

func checkLogMessages(t Tree, report Report) {
	for _, f := range t.Files {
		if !f.Product() {
			continue
		}
		calls(f, func(sel *ast.SelectorExpr, call *ast.CallExpr) {
			from, ok := logCall(f, sel)
			if !ok || from == 0 || len(call.Args) < from {
				return
			}
			if _, constant := text(call.Args[from-1]); !constant {
				report(f, f.line(call), "the message of a log record is a literal")
			}
		})
	}
}
