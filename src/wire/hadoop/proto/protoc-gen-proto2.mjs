#!/usr/bin/env node
/**
 * A protoc plugin around ts-proto that gives its code proto2's meaning of `required`: always written, even when zero;
 * typed as present; and a message that lacks one is refused when read, as Java refuses it. Optional fields stay
 * undefined when absent.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
} from '@bufbuild/protobuf/wkt';

const plugin = join(dirname(createRequire(import.meta.url).resolve('ts-proto/package.json')), 'protoc-gen-ts_proto');
const input = readFileSync(0);
const request = fromBinary(CodeGeneratorRequestSchema, input);
const output = execFileSync(process.execPath, [plugin], { input, maxBuffer: 64 << 20 });
const response = fromBinary(CodeGeneratorResponseSchema, output);

/** `Outer_Inner` -> names of its required fields */
function requiredFields(messages, prefix, found) {
  for (const message of messages) {
    const name = prefix + message.name;
    const fields = message.field.filter((field) => field.label === FieldDescriptorProto_Label.REQUIRED);
    if (fields.some((field) => field.type === FieldDescriptorProto_Type.GROUP))
      throw new Error(`${name}: groups are not handled`);
    if (fields.length > 0)
      found.set(
        name,
        fields.map((field) => field.name),
      );
    requiredFields(message.nestedType, `${name}_`, found);
  }
  return found;
}

function replaceOnce(text, pattern, replacement, what) {
  let count = 0;
  const out = text.replace(pattern, (...args) => {
    count += 1;
    return typeof replacement === 'function' ? replacement(...args) : replacement;
  });
  if (count !== 1) throw new Error(`${what}: ${count} places instead of one; has ts-proto's output changed?`);
  return out;
}

for (const file of response.file) {
  const source = request.protoFile.find((proto) => proto.name.replace(/\.proto$/, '.ts') === file.name);
  if (source === undefined) continue;
  let text = file.content.replaceAll(/export namespace \w+ \{\n(?: {2}export type .*\n)*\}\n\n?/g, '');
  const required = requiredFields(source.messageType, '', new Map());
  for (const [message, fields] of required) {
    text = replaceOnce(
      text,
      new RegExp(`(export interface ${message} \\{\\n)([^}]*\\n)(\\}\\n)`),
      (_all, head, body, tail) => {
        let out = body;
        for (const field of fields) {
          out = replaceOnce(
            out,
            new RegExp(`^  ${field}\\??:\\s+([^;]*?)(\\s*\\|\\s*undefined)?;$`, 'm'),
            (_line, type) => `  ${field}: ${type};`,
            `${message}.${field}`,
          );
        }
        return head + out + tail;
      },
      `interface ${message}`,
    );
    text = replaceOnce(
      text,
      new RegExp(`(function createBase${message}\\(\\): ${message} \\{\\n  return [^;]*);`),
      (_all, head) => `${head} as unknown as ${message};`,
      `createBase${message}`,
    );
    const at = text.indexOf(`export const ${message}: MessageFns<${message}> = {`);
    const end = text.indexOf('return message;', at);
    if (at < 0 || end < 0) throw new Error(`decode of ${message} not found`);
    const test = fields.map((field) => `message.${field} === undefined`).join(' || ');
    text =
      `${text.slice(0, end)}if (${test}) {\n        throw new globalThis.Error("${message} lacks a required ` +
      `field");\n      }\n      ${text.slice(end)}`;
  }
  file.content = text;
}
process.stdout.write(toBinary(CodeGeneratorResponseSchema, create(CodeGeneratorResponseSchema, response)));
