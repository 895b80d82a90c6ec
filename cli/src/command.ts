import type { Endpoint, Input, Reply } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';
import { Command } from '@oclif/core/command';
import { string } from '@oclif/core/flags';
import type { Arg, Input as OclifInput, ParserOutput } from '@oclif/core/interfaces';
import { describeFailure } from './describe-failure.ts';
import { printable } from './printable.ts';
import { findProfile } from './profile.ts';
import { type Target, targetOf } from './server.ts';

type Words = Record<string, unknown>;

/**
 * What every command shares: where cep runs, who asks, and how a failure ends.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 refused by the server, 5 the
 * server is not reached. With `--json` a failure is `{ "error": { … } }` on standard output.
 */
export abstract class CepCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    server: string({
      description: 'where cep runs, if not where you signed in last',
      env: 'CEP_SERVER',
      helpValue: 'URL',
      helpGroup: 'GLOBAL',
    }),
    project: string({
      description: 'project to act in, if not your own',
      helpValue: 'NAME',
      helpGroup: 'GLOBAL',
    }),
  };

  private client?: Client;

  /** Words come from the command line alone: what is piped in is for what a command runs, or reads. */
  protected override parse<F extends Words, B extends Words, A extends Words>(
    options?: OclifInput<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const command = options ?? (this.ctor as unknown as OclifInput<F, B, A>);
    const args = Object.entries(command.args ?? {}).map(([name, arg]) => [
      name,
      { ...(arg as Arg<unknown>), ignoreStdin: true },
    ]);
    // What a command inherits is no property of its own.
    const { baseFlags, enableJsonFlag } = command;
    const own = { baseFlags, enableJsonFlag, args: Object.fromEntries(args) };
    return super.parse({ ...command, ...own }, argv);
  }

  /** Calls an endpoint of the server as the user who is signed in. */
  protected async call<E extends Endpoint>(endpoint: E, input: Input<E>): Promise<Reply<E>> {
    return (await this.connect()).call(endpoint, input);
  }

  /** A client of the server that this command is meant for; every call gives the same. */
  protected async connect(signal?: AbortSignal): Promise<Client> {
    if (this.client && !signal) return this.client;
    const target = await this.signedIn();
    const { flags } = await this.parse(this.ctor as typeof CepCommand);
    const { createClient } = await import('@cep/http/client');
    const { url, token, certificate } = target;
    // Where it can be said several times, it is not the project to act in.
    const project = typeof flags.project === 'string' ? flags.project : undefined;
    this.client = createClient({
      url,
      ...(token && { token }),
      ...(certificate && { pinned: certificate }),
      ...(project && { project }),
      ...(signal && { signal }),
    });
    return this.client;
  }

  /** @throws {Problem} `not-signed-in` */
  protected async signedIn(): Promise<Target> {
    const target = await this.target();
    if (target?.token) return target;
    const where = target ? ` to ${target.url.origin}` : '';
    throw new Problem(
      'not-signed-in',
      `You are not signed in${where}: run "cep login${where && ` ${target?.url.origin}`}".`,
    );
  }

  /** The server that this command is meant for, if one is known. */
  protected async target(): Promise<Target | undefined> {
    const { flags } = await this.parse(this.ctor as typeof CepCommand);
    return targetOf(findProfile(process.env), {
      server: flags.server,
      token: process.env.CEP_TOKEN,
    });
  }

  override async catch(error: Error): Promise<void> {
    const { sentence, exit, document } = describeFailure(error);
    process.exitCode = exit;
    if (this.jsonEnabled()) this.logJson({ error: document });
    else process.stderr.write(`${printable(sentence)}\n`);
  }
}
