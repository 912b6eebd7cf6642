-- Of a stored answer only the seal is renewed; what it says of status and place stays as it was.
revoke update on idempotency from ${app};
grant update (body) on idempotency to ${app};
