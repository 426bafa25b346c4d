using System;
using System.Collections.Generic;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Status;

/// <summary>
/// What a condition says: whether it holds, why in one word, and why in words. Deterministic text: the same cause gives the same statement.
/// </summary>
/// <param name="Holds">True for status "True", false for "False".</param>
/// <param name="Reason">The reason in CamelCase.</param>
/// <param name="Message">The reason for people.</param>
public sealed record Statement(bool Holds, string Reason, string Message)
{
    /// <summary>The condition of a Service that says whether it has the addresses that it asks for.</summary>
    public const string Allocated = "ferrolb.io/Allocated";

    /// <summary>The condition of a Service that says whether its addresses are announced, by which node, and why not.</summary>
    public const string Announced = "ferrolb.io/Announced";

    /// <summary>Whether a condition says the same.</summary>
    public bool IsSaidBy(ObjectCondition? condition) =>
        condition is not null && condition.Status == StatusText && condition.Reason == Reason && condition.Message == Message;

    /// <summary>
    /// The list of conditions with this statement under a type, or without that type for null. Conditions of others stay as they are, and
    /// the very same list comes back when nothing changes. The time of transition moves only when the status does.
    /// </summary>
    public static IReadOnlyList<ObjectCondition> Put(
        IReadOnlyList<ObjectCondition> conditions, string type, Statement? statement, DateTimeOffset utc)
    {
        var before = Find(conditions, type);
        if (statement is null ? before is null : statement.IsSaidBy(before))
            return conditions;
        var result = new List<ObjectCondition>(conditions.Count + 1);
        foreach (var condition in conditions)
        {
            if (condition.Type != type)
                result.Add(condition);
        }
        if (statement is not null)
        {
            result.Add(new ObjectCondition
            {
                Type = type,
                Status = statement.StatusText,
                Reason = statement.Reason,
                Message = statement.Message,
                LastTransitionTime = before?.Status == statement.StatusText ? before.LastTransitionTime ?? utc : utc,
            });
        }
        return result;
    }

    /// <summary>The same statement with the text of the condition that says it already, so that it is held once.</summary>
    public Statement In(IReadOnlyList<ObjectCondition> conditions, string type) =>
        Find(conditions, type) is { } said && IsSaidBy(said) ? this with { Message = said.Message! } : this;

    /// <summary>The condition of a type, or null.</summary>
    public static ObjectCondition? Find(IReadOnlyList<ObjectCondition> conditions, string type)
    {
        foreach (var condition in conditions)
        {
            if (condition.Type == type)
                return condition;
        }
        return null;
    }

    private string StatusText => Holds ? "True" : "False";
}
