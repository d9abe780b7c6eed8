package apitest

// The part of OpenAPI 3.1 that the contract uses. Reading is strict: a member
// that is not here is a fault of the contract, most often a slip of the pen.

type document struct {
	OpenAPI    string                           `yaml:"openapi"`
	Dialect    string                           `yaml:"jsonSchemaDialect"`
	Info       info                             `yaml:"info"`
	Servers    []server                         `yaml:"servers"`
	Tags       []tag                            `yaml:"tags"`
	Security   []map[string][]string            `yaml:"security"`
	Paths      map[string]map[string]*operation `yaml:"paths"`
	Components components                       `yaml:"components"`
}

type info struct {
	Title       string            `yaml:"title"`
	Version     string            `yaml:"version"`
	Summary     string            `yaml:"summary"`
	Description string            `yaml:"description"`
	License     map[string]string `yaml:"license"`
	Contact     map[string]string `yaml:"contact"`
}

type server struct {
	URL         string `yaml:"url"`
	Description string `yaml:"description"`
	Internal    bool   `yaml:"x-internal"`
}

type tag struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

type operation struct {
	ID          string                 `yaml:"operationId"`
	Tags        []string               `yaml:"tags"`
	Security    *[]map[string][]string `yaml:"security"`
	Summary     string                 `yaml:"summary"`
	Description string                 `yaml:"description"`
	Deprecated  bool                   `yaml:"deprecated"`
	Sunset      string                 `yaml:"x-sunset"` // the day after which it may be gone, as 2027-01-31
	Parameters  []*parameter           `yaml:"parameters"`
	RequestBody *requestBody           `yaml:"requestBody"`
	Responses   map[string]*response   `yaml:"responses"`
}

type requestBody struct {
	Required    bool                  `yaml:"required"`
	Description string                `yaml:"description"`
	Content     map[string]*mediaType `yaml:"content"`
}

type parameter struct {
	Ref         string              `yaml:"$ref"`
	Name        string              `yaml:"name"`
	In          string              `yaml:"in"`
	Required    bool                `yaml:"required"`
	Description string              `yaml:"description"`
	Schema      any                 `yaml:"schema"`
	Example     any                 `yaml:"example"`
	Examples    map[string]*example `yaml:"examples"`

	at string // JSON pointer to the object itself
}

type header struct {
	Ref         string `yaml:"$ref"`
	Required    bool   `yaml:"required"`
	Description string `yaml:"description"`
	Schema      any    `yaml:"schema"`

	at string
}

type response struct {
	Ref         string                `yaml:"$ref"`
	Description string                `yaml:"description"`
	Headers     map[string]*header    `yaml:"headers"`
	Content     map[string]*mediaType `yaml:"content"`
}

type mediaType struct {
	Schema   any                 `yaml:"schema"`
	Examples map[string]*example `yaml:"examples"`

	at string
}

type example struct {
	Ref         string `yaml:"$ref"`
	Summary     string `yaml:"summary"`
	Description string `yaml:"description"`
	Value       any    `yaml:"value"`
}

type components struct {
	SecuritySchemes map[string]securityScheme `yaml:"securitySchemes"`
	Parameters      map[string]*parameter     `yaml:"parameters"`
	Headers         map[string]*header        `yaml:"headers"`
	Responses       map[string]*response      `yaml:"responses"`
	Schemas         map[string]any            `yaml:"schemas"`
	Examples        map[string]*example       `yaml:"examples"`
}

type securityScheme struct {
	Type        string `yaml:"type"`
	Scheme      string `yaml:"scheme"`
	In          string `yaml:"in"`
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}
