// The worker's entry. Everything that touches a secret runs here, off the page: a screen never waits for a seal, and what gets
// hold of the page's memory does not have the keys.
import type { Port, ToPage, ToWorker } from "./message.ts";
import { serve } from "./serve.ts";
import { service } from "./service.ts";

serve(self as unknown as Port<ToPage, ToWorker>, service());
