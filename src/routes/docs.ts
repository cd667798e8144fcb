import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** `/docs`: the routes, to read and to try. For development. */
export const addDocs = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      info: { title: 'Phone Code Gateway', version: '0.1.0', description: 'Delivers one-time codes by text message, by call and by WhatsApp.' },
      components: { securitySchemes: { secret: { type: 'http', scheme: 'bearer', description: 'A secret of SECRET_HEADER or CALLERS.' } } }
    }
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
}
