namespace Weft.Storage.TestKit;

/// <summary>
/// Finds suites that a provider leaves out. The tests of a provider inherit it once: they have a <see cref="StorageUnderTest"/>
/// of the provider, and for each contract that it implements a class that inherits the suite.
/// </summary>
public abstract class ContractCoverage
{
    private static readonly Type[] Contracts =
        [.. typeof(StoreContract).Assembly.GetTypes().Where(type => type.BaseType == typeof(StoreContract))];

    [Fact]
    public async Task Every_store_of_a_provider_passes_the_suite_of_its_contract()
    {
        var passed = new HashSet<(Type Provider, Type? Contract)>();
        foreach (var type in Concrete(typeof(StoreContract)))
        {
            await using var suite = (StoreContract)Activator.CreateInstance(type)!;
            passed.Add((suite.Storage.GetType(), type.BaseType));
        }

        var missing = new List<string>();
        foreach (var type in Concrete(typeof(StorageUnderTest)))
        {
            await using var provider = (StorageUnderTest)Activator.CreateInstance(type)!;
            missing.AddRange(
                Contracts.Where(contract => provider.Has(StoreOf(contract)) && !passed.Contains((type, contract)))
                    .Select(contract => $"{type.Name}: {contract.Name}"));
        }

        passed.ShouldNotBeEmpty();
        missing.ShouldBeEmpty();
    }

    /// <summary><c>RunStoreContract</c> is the suite of <c>IRunStore</c>.</summary>
    private static string StoreOf(Type contract) => "I" + contract.Name[..^"Contract".Length];

    private IEnumerable<Type> Concrete(Type type) =>
        GetType().Assembly.GetTypes().Where(found => !found.IsAbstract && found.IsSubclassOf(type));
}
