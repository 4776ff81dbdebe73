/** A request that the web server refuses before anybody looks into it. */
export class RequestRefused extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}
