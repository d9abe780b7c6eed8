// The first page. It reads well without this script; what it adds is that an answer to
// "do others use this phone?" goes along.

import { setSharedPhone, sharedPhone } from "./ui/shared.ts";

for (const input of document.querySelectorAll<HTMLInputElement>('input[name="shared"]')) {
  input.checked = sharedPhone() && input.value === "yes";
  input.addEventListener("change", () => {
    setSharedPhone(input.checked && input.value === "yes");
  });
}
