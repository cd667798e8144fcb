// What Ory Kratos tells the Phone Code Gateway of a message. It also knows the identity with all its traits, and the headers
// of the person's request: of these only the code, its life, the language and the id are passed on. By the last one the
// gateway counts who asks for too many codes.
function(ctx)
  local field(name) = if std.objectHas(ctx, name) && ctx[name] != null then ctx[name];
  local only(object, names) = { [name]: object[name] for name in names if std.objectHas(object, name) };
  local objectAt(name) = if std.isObject(field(name)) then field(name) else {};
  local within(object, name) = if std.isObject(object) && std.objectHas(object, name) then object[name];
  std.prune({
    recipient: ctx.recipient,
    body: field('body'),
    template_type: field('template_type'),
    template_data: only(objectAt('template_data'), ['login_code', 'registration_code', 'verification_code', 'recovery_code', 'expires_in_minutes']),
    request_headers: only(objectAt('request_headers'), ['Accept-Language']),
    user: within(within(field('template_data'), 'identity'), 'id'),
  })
