DROP TABLE account_recovery_codes, account_totp;
ALTER TABLE users DROP COLUMN second_factor;
