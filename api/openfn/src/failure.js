/** Failure is what an operation throws: `name` tells programs which, and nothing in it is secret. */
export class Failure extends Error {
  constructor(name, message, status) {
    super(message);
    this.name = name;
    if (status !== undefined) this.status = status;
  }
}
