namespace Weft.Storage.Tests;

public sealed class CoverageTests : ContractCoverage;
