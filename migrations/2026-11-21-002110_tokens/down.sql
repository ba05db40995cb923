DROP TABLE device_sign_ins;
DROP TABLE api_tokens;
