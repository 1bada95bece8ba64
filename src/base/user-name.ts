/** Names of accounts, as files and command lines of this project take them: what useradd makes, and no word with another meaning. */

export const USER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;
