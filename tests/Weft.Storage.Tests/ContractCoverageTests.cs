namespace Weft.Storage.Tests;

public sealed class ContractCoverageTests
{
    [Theory]
    [InlineData("Sqlite")]
    public void A_provider_takes_every_contract(string provider)
    {
        var types = typeof(StoreContract).Assembly.GetTypes();
        var contracts = types.Where(type => type.BaseType == typeof(StoreContract));
        var taken = types.Where(type => type.IsSealed && type.Name.StartsWith(provider, StringComparison.Ordinal)).Select(type => type.BaseType);

        contracts.Except(taken).ShouldBeEmpty();
    }
}
