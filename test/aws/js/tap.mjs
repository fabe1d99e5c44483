// What the tests in this folder share: TAP on standard output.

import { isDeepStrictEqual, inspect } from 'node:util';

let count = 0;
let failed = 0;

export function ok(condition, name, ...remarks) {
  count++;
  if (!condition) {
    failed++;
  }
  console.log(`${condition ? 'ok' : 'not ok'} ${count} - ${name}`);
  if (!condition) {
    for (const line of remarks.join('\n').split('\n')) {
      console.log(`#   ${line.slice(0, 1000)}`);
    }
  }
}

export function equal(got, expected, name) {
  ok(isDeepStrictEqual(got, expected), name,
    `got:      ${inspect(got, { depth: 9 })}`,
    `expected: ${inspect(expected, { depth: 9 })}`);
}

// Checks that belong together; an exception is a failed check.
export async function group(name, body) {
  console.log(`# ${name}`);
  try {
    await body();
  } catch (error) {
    ok(false, `${name} ends`, error.stack);
  }
}

export function finish() {
  console.log(`1..${count}`);
  process.exit(failed || !count ? 1 : 0);
}
