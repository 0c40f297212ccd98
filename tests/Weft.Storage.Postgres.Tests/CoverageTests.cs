namespace Weft.Storage.Postgres.Tests;

