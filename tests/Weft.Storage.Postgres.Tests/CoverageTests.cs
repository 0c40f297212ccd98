namespace Weft.Storage.Postgres.Tests;

public sealed class CoverageTests : ContractCoverage;
