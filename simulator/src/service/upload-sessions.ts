import type { IdSource } from '../model/guid.ts';

/** A file on its way in: where it goes, and the blocks that arrived. */
export interface UploadSession {
  readonly purpose: 'file' | 'annotation' | 'attachment';
  readonly table: string;
  readonly rowId: string;
  readonly column: string;
  readonly fileName: string;
  readonly blocks: Map<string, Uint8Array>;
}

/** A file on its way out. */
export interface DownloadSession {
  readonly bytes: Uint8Array;
}

/** Continuation tokens of the block messages. A token is good until its upload is committed. */
export class UploadSessions {
  readonly #uploads = new Map<string, UploadSession>();
  readonly #downloads = new Map<string, DownloadSession>();
  readonly #newId: IdSource;

  constructor(newId: IdSource) {
    this.#newId = newId;
  }

  beginUpload(session: UploadSession): string {
    const token = Buffer.from(`upload:${this.#newId()}`).toString('base64');
    this.#uploads.set(token, session);
    return token;
  }

  upload(token: string): UploadSession | undefined {
    return this.#uploads.get(token);
  }

  endUpload(token: string): void {
    this.#uploads.delete(token);
  }

  /** No token is good any more: the environment has gone back to before, or become another. */
  endAll(): void {
    this.#uploads.clear();
    this.#downloads.clear();
  }

  beginDownload(session: DownloadSession): string {
    const token = Buffer.from(`download:${this.#newId()}`).toString('base64');
    this.#downloads.set(token, session);
    return token;
  }

  download(token: string): DownloadSession | undefined {
    return this.#downloads.get(token);
  }
}
