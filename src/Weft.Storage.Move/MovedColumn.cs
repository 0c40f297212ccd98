namespace Weft.Storage.Move;

/// <summary>A column of a table in PostgreSQL, and where its values come from.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type in PostgreSQL.</param>
/// <param name="Expression">The expression in the SQLite file; null if the value is computed.</param>
/// <param name="Compute">Returns the value, from the values of the columns before; null if it is read.</param>
internal sealed record MovedColumn(string Name, MovedType Type, string? Expression, Func<object?[], object?>? Compute = null)
{
    /// <summary>Whether the column exists only to compute others.</summary>
    public bool IsRead { get; init; }
}

/// <summary>The types of columns.</summary>
internal enum MovedType
{
    /// <summary><c>bigint</c>, a <see cref="long"/>.</summary>
    Long,

    /// <summary><c>integer</c>, an <see cref="int"/>.</summary>
    Int,

    /// <summary><c>text</c>, a <see cref="string"/>.</summary>
    Text,

    /// <summary><c>uuid</c>, a <see cref="Guid"/>.</summary>
    Uuid,

    /// <summary><c>bytea</c>, an array of bytes.</summary>
    Bytes,

    /// <summary><c>boolean</c>, a <see cref="bool"/>.</summary>
    Flag,

    /// <summary><c>double precision</c>, a <see cref="double"/>.</summary>
    Real,

    /// <summary><c>jsonb</c>, a <see cref="string"/>. PostgreSQL writes it in another form, so it is not compared.</summary>
    Json,
}
