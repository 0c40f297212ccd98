using Microsoft.Extensions.DependencyInjection;

namespace Weft.Storage.Tests;

/// <summary>SQLite on a file in a folder of its own.</summary>
public sealed class SqliteUnderTest : StorageUnderTest
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weft-storage-").FullName;

    public string File => Path.Combine(_folder, "weft.db");

    protected override void AddTo(IServiceCollection services) => services.AddWeftSqlite(options => options.Path = File);

    protected override void RemoveDatabase() => Directory.Delete(_folder, recursive: true);
}
