// By what a reader tells her that she was heard (docs/adr/0033).

/** What she can be told, and nothing else: no free text reaches her. */
export const hearings = ["heard", "thankful", "with-care"] as const;
export type Hearing = (typeof hearings)[number];
