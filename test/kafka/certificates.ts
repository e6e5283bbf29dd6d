import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate and its private key, PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that signs certificates with OpenSSL, and the files that it needs for that. */
export class Authority {
  readonly cert: string;
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string, cert: string) {
    this.#folder = folder;
    this.cert = cert;
  }

  /** A new one that nobody knows. */
  static async create(name: string): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-ca-'));
    const at = (file: string) => join(folder, file);
    const days = ['-days', '2', '-subj', `/CN=${name}`];
    await openssl('req', '-x509', ...newKey(at('ca.key')), ...days, '-out', at('ca.pem'));
    await writeFile(at('index.txt'), '');
    await writeFile(
      at('ca.cnf'),
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${at('index.txt')}\nrand_serial=yes\n` +
        'default_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n',
    );
    return new Authority(folder, await readFile(at('ca.pem'), 'utf8'));
  }

  /**
   * Signs a certificate for `names`, such as `IP:127.0.0.1` or `DNS:localhost`.
   *
   * @param years from and to which year it is valid.
   */
  async sign(name: string, names: readonly string[], years = [2020, 2049]): Promise<Certificate> {
    const at = (suffix: string) => join(this.#folder, `${this.#count}.${suffix}`);
    this.#count += 1;
    await openssl('req', ...newKey(at('key')), '-subj', `/CN=${name}`, '-out', at('csr'));
    await writeFile(at('ext'), `subjectAltName=${names.join(',') || `DNS:${name}`}\n`);
    const signer = [
      '-cert',
      join(this.#folder, 'ca.pem'),
      '-keyfile',
      join(this.#folder, 'ca.key'),
    ];
    const [from, to] = years.map((year) => `${year}0101000000Z`);
    const valid = ['-startdate', from!, '-enddate', to!];
    const files = ['-in', at('csr'), '-out', at('pem'), '-extfile', at('ext')];
    const config = ['-config', join(this.#folder, 'ca.cnf'), '-outdir', this.#folder];
    await openssl('ca', '-batch', '-notext', ...config, ...signer, ...valid, ...files);
    const [cert, key] = await Promise.all([at('pem'), at('key')].map((f) => readFile(f, 'utf8')));
    return { cert: cert!, key: key! };
  }

  /** The key, encrypted with `passphrase`. */
  async encrypt({ key }: Certificate, passphrase: string): Promise<string> {
    const from = join(this.#folder, 'plain.key');
    await writeFile(from, key);
    const cipher = ['-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${passphrase}`];
    return openssl('pkcs8', '-in', from, ...cipher);
  }

  /** Removes its files. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file];
}

async function openssl(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('openssl', [command, ...args]);
  return stdout;
}
