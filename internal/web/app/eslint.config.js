// What the type checker does not refuse: the ways a page gets hurt.
import tseslint from "typescript-eslint";

const never = (name, why) => ({ selector: `MemberExpression[property.name='${name}']`, message: why });

export default tseslint.config(
  { ignores: [".built/", "node_modules/"] },
  {
    files: ["src/**/*.{ts,tsx}", "test/**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.test.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-eval": "error",
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "nothing of hers stays in a browser" },
        { name: "alert", message: "use the page" },
      ],
      "no-restricted-syntax": [
        "error",
        never("innerHTML", "build nodes: markup from text is how pages are taken over"),
        never("outerHTML", "build nodes"),
        never("insertAdjacentHTML", "build nodes"),
        never("dangerouslySetInnerHTML", "build nodes"),
        {
          selector: "JSXOpeningElement[name.name=/^(input|textarea|select)$/]:not(:has(JSXAttribute[name.name=/^auto[cC]omplete$/], JSXSpreadAttribute))",
          message: "autocomplete=\"off\": a browser writes what stands in a field to its disk otherwise",
        },
      ],
    },
  },
  { files: ["test/**/*.ts"], rules: { "no-console": "off", "@typescript-eslint/no-floating-promises": "off" } },
);
