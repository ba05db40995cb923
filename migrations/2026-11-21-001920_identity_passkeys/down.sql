DROP TABLE account_passkeys;
