using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>What functions and methods take and give. A letter stands for a type; see <see cref="TypeOf"/>.</summary>
internal static class CelSignatures
{
    // name | target and arguments, alternatives separated by '/', '?' before those that may be left out | result
    private static readonly string[] Methods =
    [
        "size|s/L/M/y|i", "matches|s s|b", "startsWith|s s|b", "endsWith|s s|b", "contains|s s|b", "lowerAscii|s|s", "upperAscii|s|s",
        "trim|s|s", "indexOf|s s ?i|i", "lastIndexOf|s s ?i|i", "replace|s s s ?i|s", "split|s s ?i|S", "join|S ?s|s", "substring|s i ?i|s",
        "charAt|s i|s", "find|s s|s", "findAll|s s ?i|S", "getHours|D/T ?s|i", "getMinutes|D/T ?s|i", "getSeconds|D/T ?s|i",
        "getMilliseconds|D/T ?s|i", "isSorted|L|b", "sum|L|d", "min|L|d", "max|L|d", "family|d|i",
    ];

    private static readonly string[] Functions =
    [
        "size|s/L/M/y|i", "duration|s/D|D", "timestamp|s/T/i|T", "int|i/f/s/T/d|i", "double|f/i/s/d|f", "string|s/i/f/b/y/T/D/d|s",
        "bool|b/s|b", "dyn|*|d", "type|*|d", "isIP|s|b", "isCIDR|s|b", "ip|s|d", "cidr|s|d",
    ];

    /// <summary>What a method gives; null when it takes no such operands. False when there is no method of that name.</summary>
    public static bool TryMethod(string name, IReadOnlyList<CelType> operands, out CelType? result) => Find(Methods, name, operands,
        out result);

    /// <summary>What a function gives; null when it takes no such operands. False when there is no function of that name.</summary>
    public static bool TryFunction(string name, IReadOnlyList<CelType> operands, out CelType? result) =>
        Find(Functions, name, operands, out result);

    private static bool Find(string[] table, string name, IReadOnlyList<CelType> operands, out CelType? result)
    {
        result = null;
        if (Array.Find(table, row => row.StartsWith(name + "|", StringComparison.Ordinal)) is not { } found)
            return false;
        var cells = found.Split('|');
        if (Fits(cells[1].Split(' '), operands))
            result = TypeOf(cells[2][0]);
        return true;
    }

    private static bool Fits(string[] wanted, IReadOnlyList<CelType> operands)
    {
        if (operands.Count > wanted.Length)
            return false;
        for (var i = 0; i < wanted.Length; i++)
        {
            if (i >= operands.Count)
                return wanted[i][0] == '?';
            if (!operands[i].IsDyn && !wanted[i].TrimStart('?').Split('/').AsSpan().Contains("*") && !FitsOne(wanted[i], operands[i]))
                return false;
        }
        return true;
    }

    private static bool FitsOne(string wanted, CelType operand)
    {
        foreach (var letter in wanted.TrimStart('?').Split('/'))
        {
            var type = TypeOf(letter[0]);
            if (type.Name == operand.Name && (letter != "S" || operand.Element is null or { IsDyn: true } or { Name: "string" }))
                return true;
        }
        return false;
    }

    private static CelType TypeOf(char letter) => letter switch
    {
        's' => CelType.Text,
        'i' => CelType.Int,
        'f' => CelType.Double,
        'b' => CelType.Bool,
        'y' => new("bytes"),
        'D' => CelType.Duration,
        'T' => CelType.Timestamp,
        'S' => CelType.List(CelType.Text),
        'L' => CelType.List(CelType.Dyn),
        'M' => CelType.Map(CelType.Dyn),
        _ => CelType.Dyn,
    };
}
