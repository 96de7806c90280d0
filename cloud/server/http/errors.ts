// Every failure of a request becomes `{ code, detail? }` with the status of the shared table. Owns that translation;
// messages, stacks and values of fields never leave the server.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { type ErrorCode, errorTable, ProductError } from '#shared/errors.ts'

export async function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { code, detail } = toProductError(error)
  if (code === 'internal') request.log.error({ err: error }, 'request failed')
  await reply
    .status(errorTable[code].http)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send({ code, ...(detail === undefined ? {} : { detail }) })
}

function toProductError(error: FastifyError | Error): ProductError {
  if (error instanceof ProductError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.slice(0, 5).map((issue) => `${issue.instancePath.slice(1)} ${issue.keyword}`.trim())
    return new ProductError('bad-request', fields.join(', ').slice(0, 300))
  }
  const code = 'code' in error ? String(error.code) : ''
  const known = frameworkCodes[code]
  if (known) return new ProductError(known)
  const status = 'statusCode' in error ? Number(error.statusCode) : 500
  return new ProductError(status >= 400 && status < 500 ? 'bad-request' : 'internal', undefined, { cause: error })
}

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_CSRF_MISSING_SECRET: 'forbidden',
  FST_CSRF_INVALID_TOKEN: 'forbidden',
}
